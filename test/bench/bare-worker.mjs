// A task as a bare thread pool runs it: the context comes as a copy, is changed, and goes back as a copy.
export default function (task) {
  if (task.results !== undefined) task.results[task.id] = { done: true };
  return task;
}
