// A certificate for a day, made when it is needed: the suite's browser takes any, and no file of it remains.
import { generate } from "selfsigned";

export async function certificate() {
  const { private: key, cert } = await generate([{ name: "commonName", value: "*.twilio.com" }]);
  return { key, cert };
}
