//! Where Twilio calls us: is this request Twilio's? Checks the URL as Twilio called it (the public one) and the bytes.
