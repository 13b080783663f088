// mocha's spec reporter with a closing line that says in plain words how many tests passed and failed.
const { reporters } = require('mocha');

module.exports = class extends reporters.Spec {
  epilogue() {
    super.epilogue();
    const { passes, failures, pending } = this.stats;
    console.log(`Tests: ${passes} passed, ${failures} failed, ${pending} skipped`);
  }
};
