// What Flex UI's package expects of Node.js.
export { Buffer } from "buffer";
export const process = {
  env: { NODE_ENV: "production" },
  browser: true,
  version: "",
  versions: {},
  nextTick: (task, ...args) => void Promise.resolve().then(() => task(...args)),
};
