import StreamModel
import Synchronization

/// What a rendition is told, and told anew while it runs: both at once, because terms of one encoding are none of another.
struct RenditionOrder: Sendable, Equatable {
    var encoding: Encoding
    /// What a camera has to send to be copied into it.
    var terms: CopyTerms
}

/// The order that holds now, for the thread that follows it.
final class StandingOrder: Sendable {
    private let order: Mutex<RenditionOrder>

    init(_ order: RenditionOrder) { self.order = Mutex(order) }

    var current: RenditionOrder { order.withLock { $0 } }

    /// - Returns: whether the encoding is another one.
    func replace(by new: RenditionOrder) -> Bool {
        order.withLock { order in
            defer { order = new }
            return order.encoding != new.encoding
        }
    }
}
