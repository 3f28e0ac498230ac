//! Why a row of a run has its outcome.

crate::words::words! {
    /// Why a row has its outcome. The server says it in English, too; what each is about comes with it, in the order of its sentence.
    RowReason
    KeyEmpty = "key_empty",
    NoRecord = "no_record",
    /// About: how many rows.
    DuplicateKey = "duplicate_key",
    /// This record had it.
    HadTheKeyBefore = "had_the_key_before",
    /// About: how many records, and their ids.
    SeveralRecords = "several_records",
    RecordUnreadable = "record_unreadable",
    KeyMoved = "key_moved",
    /// About: fields.
    ChangedThere = "changed_there",
    /// About: fields.
    ChangedThereStays = "changed_there_stays",
    IsMade = "is_made",
    NameEmpty = "name_empty",
    NotInModel = "not_in_model",
    /// About: fields.
    NotInModelStays = "not_in_model_stays",
    RecordOfAnotherRow = "record_of_another_row",
    SameRecord = "same_record",
    RecordLost = "record_lost",
    NothingOfOurs = "nothing_of_ours",
    SentInVain = "sent_in_vain",
    RecordGone = "record_gone",
    /// About: the record's id.
    ThereByNow = "there_by_now",
    RecordBusy = "record_busy",
    /// About: Zendesk's code, and its details.
    RefusedByZendesk = "refused_by_zendesk",
    OutcomeUnknown = "outcome_unknown",
    /// About: the external id.
    NameTaken = "name_taken",
    /// About: the field, what it takes, and the value.
    ValueUnfit = "value_unfit",
    /// About: the field and the value.
    NotADate = "not_a_date",
    /// About: the field and the value.
    NotANumber = "not_a_number",
    /// About: the field and the value.
    NotAWholeNumber = "not_a_whole_number",
    /// About: the field and the value.
    NotTrueOrFalse = "not_true_or_false",
    /// About: the field and the value.
    NoOption = "no_option",
    /// About: the field, how long the value is, and how long it may be.
    ValueTooLong = "value_too_long",
    RecordByAnotherAddress = "record_by_another_address",
    ConnectionMoved = "connection_moved",
    /// About: the field.
    FieldGone = "field_gone",
    /// About: what Zendesk said of the call.
    CallRefused = "call_refused",
    /// About: fields, columns of sources, and what these hold.
    ValueInvalid = "value_invalid",
    /// About: columns of sources, and what these hold.
    DependsOnInvalid = "depends_on_invalid",
    /// About: columns of sources, and what these hold.
    MayDependOnInvalid = "may_depend_on_invalid",
}
