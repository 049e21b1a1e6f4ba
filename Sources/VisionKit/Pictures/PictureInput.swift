/// What a model wants its pictures to be like.
struct PictureInput: Hashable, Sendable {
    enum Order: Hashable, Sendable {
        case blueGreenRed
        case redGreenBlue
    }

    enum Fit: Hashable, Sendable {
        /// Upper left, as big as fits; the rest has this level, 0…255.
        case letterbox(padding: Float)
        case stretch
    }

    /// Samples become `level × scale + offset`, where levels are 0…255.
    struct Channel: Hashable, Sendable {
        var scale: Float
        var offset: Float

        static let asIs = Channel(scale: 1, offset: 0)
        static let unit = Channel(scale: 1 / 255, offset: 0)

        static func normalized(mean: Float, deviation: Float) -> Channel {
            Channel(scale: 1 / (255 * deviation), offset: -mean / deviation)
        }
    }

    let width: Int
    let height: Int
    let order: Order
    let fit: Fit
    /// Of red, green and blue.
    let channels: [Channel]

    /// The size of the picture in it.
    ///
    /// - Parameter shape: the shape of the picture's samples, width to height.
    func content(width sourceWidth: Int, height sourceHeight: Int, shape: Double = 1) -> (width: Int, height: Int) {
        guard case .letterbox = fit, sourceWidth > 0, sourceHeight > 0 else { return (width, height) }
        let shown = Double(sourceWidth) * shape
        let ratio = min(Double(width) / shown, Double(height) / Double(sourceHeight))
        // A little more, as 416 × (640 ÷ 416) must not become 639.
        return (
            min(max(Int(shown * ratio + 1e-6), 1), width), min(max(Int(Double(sourceHeight) * ratio + 1e-6), 1), height)
        )
    }
}
