//! The pool of confined workers.
