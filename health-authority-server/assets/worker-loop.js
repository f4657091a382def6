// What a worker does with messages. In: { id, task, ... }; out: { id, progress }, { id, done } or
// { id, failed, code, name }. worker-run.js is the other end.

/** Answers messages by the functions in `tasks`, which get what the message holds and a function for progress. */
export function answer(tasks) {
  onmessage = async ({ data }) => {
    const { id, task, ...details } = data;
    const progress = async (part) => {
      postMessage({ id, progress: part });
      await new Promise((resolve) => { setTimeout(resolve, 0); });
    };
    try {
      postMessage({ id, done: await tasks[task](details, progress) });
    } catch (error) {
      const { message = error, code = 'other', keyName, status } = error ?? {};
      postMessage({ id, failed: `${message}`, code, name: keyName ?? status });
    }
  };
}
