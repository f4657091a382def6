//! Standard output that cannot be written is said and changes the exit code; a reader that has
//! closed it (`| head`) is no error.

use std::io::{self, ErrorKind, Write};
use std::sync::{Mutex, PoisonError};

/// The first failure of this process.
static LOST: Mutex<Option<io::Error>> = Mutex::new(None);

/// Writes one line of a result to standard output.
pub fn line(text: &str) {
    write(&format!("{text}\n"));
}

/// Writes to standard output.
pub fn write(text: &str) {
    let mut stdout = io::stdout().lock();
    if let Err(error) = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush())
        && error.kind() != ErrorKind::BrokenPipe
    {
        LOST.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }
}

/// Why some of the output was lost, to be said before the program ends.
pub fn lost() -> Option<io::Error> {
    LOST.lock().unwrap_or_else(PoisonError::into_inner).take()
}
