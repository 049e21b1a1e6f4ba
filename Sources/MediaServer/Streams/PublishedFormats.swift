import StreamProtocols

/// Why what a publisher announces can't be published.
enum PublishedFormatsError: Error, Equatable, CustomStringConvertible {
    case unsupported(RTPFormatError)
    case badTrackCount(Int)

    var description: String {
        switch self {
        case .unsupported(let error): error.description
        case .badTrackCount(let count):
            "The description has \(count) tracks; a stream has 1 to \(Stream.trackLimit)."
        }
    }
}

extension [RTPFormat] {
    /// The formats of everything that a publisher announces.
    init(_ description: SessionDescription) throws(PublishedFormatsError) {
        guard (1...Stream.trackLimit).contains(description.media.count) else {
            throw .badTrackCount(description.media.count)
        }
        self = []
        for media in description.media {
            do throws(RTPFormatError) {
                append(try RTPFormat(passingOn: media))
            } catch {
                throw .unsupported(error)
            }
        }
    }
}
