import StreamModel

/// Takes what a worker reports, in order, without ever blocking.
typealias EventSink = @Sendable (WorkerEvent) -> Void
