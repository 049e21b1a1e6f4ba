import Synchronization

/// What may have changed of the state that pages show, noted where it happens and gathered until somebody looks. A note costs
/// next to nothing, so it may be made often; it says nothing of what the change was.
final class ChangeNotes: Sendable {
    /// What a note is about.
    struct Subjects: OptionSet, Hashable, Sendable {
        let rawValue: Int

        /// What is stored.
        static let configuration = Self(rawValue: 1 << 0)
        static let engine = Self(rawValue: 1 << 1)
        /// The installation of MediaMTX.
        static let download = Self(rawValue: 1 << 2)
        static let workers = Self(rawValue: 1 << 3)
        /// Who watches, or is about to.
        static let demand = Self(rawValue: 1 << 4)
        /// What pipelines saw.
        static let events = Self(rawValue: 1 << 5)
        static let all: Self = [.configuration, .engine, .download, .workers, .demand, .events]
    }

    private let noted = Mutex(Subjects())
    private let signal: AsyncStream<Void>.Continuation
    /// One element or more after something was noted.
    let arrivals: AsyncStream<Void>

    init() {
        (arrivals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func note(_ subjects: Subjects) {
        noted.withLock { $0.formUnion(subjects) }
        signal.yield()
    }

    /// Takes out what was noted.
    func take() -> Subjects {
        noted.withLock { noted in
            defer { noted = [] }
            return noted
        }
    }
}
