// What Flex's own page brings along and plugins find as globals, before Flex itself is read.
window.React = require("react");
window.ReactDOM = require("react-dom");
window.ReactRedux = require("react-redux");
window.Redux = require("redux");
