// The real Flex UI, as twilio.com's page would load it.
require("./globals.js");

window.Twilio = { ...window.Twilio, Flex: require("@twilio/flex-ui") };
