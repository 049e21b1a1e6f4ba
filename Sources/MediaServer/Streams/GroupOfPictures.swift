/// What came since the last random access point, for viewers that come now. When it grows beyond its bounds it is
/// dropped, and viewers wait for the next random access point.
struct GroupOfPictures {
    struct Limits: Equatable {
        /// Four seconds of 32 Mb/s.
        var byteCount = 16 << 20
        var batchCount = 4096
    }

    private let limits: Limits
    private(set) var batches: [MediaBatch] = []
    private(set) var byteCount = 0

    init(limits: Limits = Limits()) { self.limits = limits }

    var isEmpty: Bool { batches.isEmpty }

    mutating func append(_ batch: MediaBatch) {
        if batch.isRandomAccess {
            batches.removeAll(keepingCapacity: true)
            byteCount = 0
        } else if batches.isEmpty {
            return
        }
        guard byteCount + batch.byteCount <= limits.byteCount, batches.count < limits.batchCount else {
            clear()
            return
        }
        batches.append(batch)
        byteCount += batch.byteCount
    }

    mutating func clear() {
        batches = []
        byteCount = 0
    }
}
