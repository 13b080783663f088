const { tests } = require('vscode');

// Only an extension whose manifest asks for it may see the test items and results of others.
exports.activate = () => tests;
