let noted: string[] = [];

/** Tells people what the running test has measured. Nothing passes or fails by it. */
export function note(text: string): void {
  noted.push(text);
}

/** What was noted since this was called last. */
export function takeNotes(): readonly string[] {
  const notes = noted;
  noted = [];
  return notes;
}
