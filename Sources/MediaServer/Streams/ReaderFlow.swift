/// Which access units one viewer gets: none before a random access point, and none from the moment that it is too slow
/// until the next random access point after it has caught up. Nothing is ever cut in the middle.
struct ReaderFlow: Equatable {
    private enum State: Equatable {
        /// No picture that could be decoded has been sent, or pictures have been left out since.
        case awaitingRandomAccess
        case flowing
    }

    private var state: State
    /// Access units (or passed-on packets) that the viewer did not get because it was too slow.
    private(set) var droppedUnitCount = 0

    /// - Parameters:
    ///   - hasRandomAccess: whether the stream has pictures at which one can begin. When not, every packet is as good as another.
    ///   - hasBegun: whether what came before has been sent.
    init(hasRandomAccess: Bool, hasBegun: Bool = false) {
        self.hasRandomAccess = hasRandomAccess
        state = hasRandomAccess && !hasBegun ? .awaitingRandomAccess : .flowing
    }

    private let hasRandomAccess: Bool
    private var isDropping = false

    /// Whether the viewer gets a unit.
    ///
    /// - Parameter isCongested: whether more waits to be sent to it than may.
    mutating func admit(isRandomAccess: Bool, isCongested: Bool) -> Bool {
        guard !isCongested else {
            droppedUnitCount += 1
            isDropping = true
            if hasRandomAccess { state = .awaitingRandomAccess }
            return false
        }
        switch state {
        case .flowing:
            isDropping = false
            return true
        case .awaitingRandomAccess where isRandomAccess:
            state = .flowing
            isDropping = false
            return true
        case .awaitingRandomAccess:
            // A viewer that has just joined waits; one that was too slow loses.
            if isDropping { droppedUnitCount += 1 }
            return false
        }
    }
}
