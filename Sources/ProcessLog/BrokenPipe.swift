import Foundation

/// The signal that ends a process which writes to somebody who is gone.
public enum BrokenPipe {
    /// Lets such a write fail with an error instead, which its caller handles. The first thing that every program does.
    public static func ignoreSignal() { signal(SIGPIPE, SIG_IGN) }
}
