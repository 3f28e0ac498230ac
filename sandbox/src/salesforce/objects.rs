//! The objects that the organization has: the standard ones that sales works with, and what it added to them for its contracts.

use super::schema::{Field, Kind, Object};

const CURRENCIES: &[&str] = &["JPY", "USD"];

/// What every record has.
fn with_system_fields(own: Vec<Field>) -> Vec<Field> {
    use Kind::{Boolean, DateTime, Id};
    let mut fields = vec![
        Field::new("Id", "Record ID", Id, 18),
        Field::new("IsDeleted", "Deleted", Boolean, 0).read_only(),
    ];
    fields.extend(own);
    fields.extend([
        Field::new("CreatedDate", "Created Date", DateTime, 0).read_only(),
        Field::new("LastModifiedDate", "Last Modified Date", DateTime, 0).read_only(),
        Field::new("SystemModstamp", "System Modstamp", DateTime, 0).read_only(),
    ]);
    fields
}

fn owner() -> Field {
    Field::new("OwnerId", "Owner ID", Kind::Reference, 18).to("User", "Owner")
}

fn currency() -> Field {
    Field::new("CurrencyIsoCode", "Currency ISO Code", Kind::Picklist, 3).of(CURRENCIES)
}

fn account() -> Object {
    use Kind::{Address, Area, Currency, Date, Double, Integer, Phone, Picklist, Reference, Text, Url};
    let fields = vec![
        Field::new("Name", "Account Name", Text, 255).required(),
        Field::new("Type", "Account Type", Picklist, 255).of(&["Customer", "Partner", "Prospect"]),
        Field::new("ParentId", "Parent Account ID", Reference, 18).to("Account", "Parent"),
        Field::new("BillingStreet", "Billing Street", Area, 255).part_of("BillingAddress"),
        Field::new("BillingCity", "Billing City", Text, 40).part_of("BillingAddress"),
        Field::new("BillingPostalCode", "Billing Zip/Postal Code", Text, 20).part_of("BillingAddress"),
        Field::new("BillingCountry", "Billing Country", Text, 80).part_of("BillingAddress"),
        Field::new("BillingAddress", "Billing Address", Address, 0),
        Field::new("Phone", "Account Phone", Phone, 40),
        Field::new("Website", "Website", Url, 255),
        Field::new("Industry", "Industry", Picklist, 255).of(&[
            "Retail",
            "Manufacturing",
            "Services",
            "Logistics",
        ]),
        Field::new("NumberOfEmployees", "Employees", Integer, 0),
        Field::new("Health_Score__c", "Health Score", Double, 0),
        Field::new("Description", "Account Description", Area, 32_000),
        currency(),
        owner(),
        Field::new("backendid__c", "Backend ID", Text, 20).key(),
        Field::new("Plan__c", "Plan", Picklist, 255).of(&["Free", "Standard", "Premium"]),
        Field::new("Subscription_Status__c", "Subscription Status", Picklist, 255)
            .of(&["Active", "Trial", "Past Due", "Canceled"]),
        Field::new("MRR__c", "MRR", Currency, 0),
        Field::new("Contract_Start__c", "Contract Start", Date, 0),
        Field::new("Renewal_Date__c", "Renewal Date", Date, 0),
        Field::new("Success_Manager__c", "Success Manager", Reference, 18).to("User", "Success_Manager__r"),
    ];
    Object {
        name: "Account",
        label: "Account",
        plural: "Accounts",
        prefix: "001",
        fields: with_system_fields(fields),
        writable: true,
        bulk: true,
        children: &[
            ("Contacts", "Contact", "AccountId"),
            ("Opportunities", "Opportunity", "AccountId"),
            ("Contracts", "Contract", "AccountId"),
            ("ChildAccounts", "Account", "ParentId"),
        ],
    }
}

fn contact() -> Object {
    use Kind::{Address, Area, Boolean, Choices, Date, Email, Phone, Reference, Text};
    let fields = vec![
        Field::new("AccountId", "Account ID", Reference, 18).to("Account", "Account"),
        Field::new("LastName", "Last Name", Text, 80).required().part_of("Name"),
        Field::new("FirstName", "First Name", Text, 40).part_of("Name"),
        Field::new("Name", "Full Name", Text, 121).read_only(),
        Field::new("MailingStreet", "Mailing Street", Area, 255).part_of("MailingAddress"),
        Field::new("MailingCity", "Mailing City", Text, 40).part_of("MailingAddress"),
        Field::new("MailingAddress", "Mailing Address", Address, 0),
        Field::new("Phone", "Business Phone", Phone, 40),
        Field::new("Email", "Email", Email, 80),
        Field::new("Title", "Title", Text, 128),
        Field::new("Birthdate", "Birthdate", Date, 0),
        owner(),
        Field::new("IsEmailBounced", "Is Email Bounced", Boolean, 0).read_only(),
        currency(),
        Field::new("Languages__c", "Languages", Choices, 4_099).of(&["Japanese", "Korean", "English"]),
        Field::new("Onboarding_Done__c", "Onboarding Done", Boolean, 0),
    ];
    Object {
        name: "Contact",
        label: "Contact",
        plural: "Contacts",
        prefix: "003",
        fields: with_system_fields(fields),
        writable: true,
        bulk: true,
        children: &[],
    }
}

fn opportunity() -> Object {
    use Kind::{Boolean, Currency, Date, Percent, Picklist, Reference, Text};
    let fields = vec![
        Field::new("AccountId", "Account ID", Reference, 18).to("Account", "Account"),
        Field::new("Name", "Name", Text, 120).required(),
        Field::new("StageName", "Stage", Picklist, 255).required().of(&[
            "Prospecting",
            "Negotiation",
            "Closed Won",
            "Closed Lost",
        ]),
        Field::new("Amount", "Amount", Currency, 0),
        Field::new("Probability", "Probability (%)", Percent, 0),
        Field::new("CloseDate", "Close Date", Date, 0).required(),
        Field::new("IsClosed", "Closed", Boolean, 0).read_only(),
        Field::new("IsWon", "Won", Boolean, 0).read_only(),
        currency(),
        owner(),
    ];
    Object {
        name: "Opportunity",
        label: "Opportunity",
        plural: "Opportunities",
        prefix: "006",
        fields: with_system_fields(fields),
        writable: true,
        bulk: true,
        children: &[],
    }
}

fn contract() -> Object {
    use Kind::{Currency, Date, Integer, Picklist, Reference, Text};
    let fields = vec![
        Field::new("AccountId", "Account ID", Reference, 18).required().to("Account", "Account"),
        Field::new("ContractNumber", "Contract Number", Text, 30).read_only(),
        Field::new("Status", "Status", Picklist, 40).of(&["Draft", "Activated", "Expired"]),
        Field::new("StartDate", "Contract Start Date", Date, 0),
        Field::new("EndDate", "Contract End Date", Date, 0).read_only(),
        Field::new("ContractTerm", "Contract Term", Integer, 0),
        Field::new("Monthly_Fee__c", "Monthly Fee", Currency, 0),
        currency(),
        owner(),
    ];
    Object {
        name: "Contract",
        label: "Contract",
        plural: "Contracts",
        prefix: "800",
        fields: with_system_fields(fields),
        writable: true,
        bulk: true,
        children: &[],
    }
}

fn user() -> Object {
    use Kind::{Boolean, Email, Text};
    let fields = vec![
        Field::new("Username", "Username", Text, 80).required(),
        Field::new("LastName", "Last Name", Text, 80).required().part_of("Name"),
        Field::new("FirstName", "First Name", Text, 40).part_of("Name"),
        Field::new("Name", "Full Name", Text, 121).read_only(),
        Field::new("Email", "Email", Email, 128).required(),
        Field::new("IsActive", "Active", Boolean, 0),
    ];
    Object {
        name: "User",
        label: "User",
        plural: "Users",
        prefix: "005",
        fields: with_system_fields(fields),
        writable: false,
        bulk: true,
        children: &[],
    }
}

/// One of the objects that the Bulk API does not read.
fn contract_status() -> Object {
    use Kind::{Integer, Picklist, Text};
    let fields = vec![
        Field::new("MasterLabel", "Master Label", Text, 255),
        Field::new("StatusCode", "Status Code", Picklist, 40),
        Field::new("SortOrder", "Sort Order", Integer, 0),
    ];
    Object {
        name: "ContractStatus",
        label: "Contract Status Value",
        plural: "Contract Status Value",
        prefix: "811",
        fields: with_system_fields(fields),
        writable: false,
        bulk: false,
        children: &[],
    }
}

/// All objects of the organization.
pub(crate) fn objects() -> Vec<Object> {
    vec![account(), contact(), opportunity(), contract(), user(), contract_status()]
}
