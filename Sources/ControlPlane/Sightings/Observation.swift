import StreamModel

/// What a step of a pipeline says of the picture of a camera that it has just looked at.
struct Observation: Hashable, Sendable {
    /// Who says it.
    struct Source: Hashable, Sendable {
        var pipelineID: String
        var nodeID: String
        var cameraID: String
    }

    /// What may be seen.
    enum Subject: Hashable, Sendable {
        case motion
        case object(label: String)
        /// One of them that is known again from picture to picture.
        case track(id: String, label: String)

        var kind: EventKind { self == .motion ? .motion : .object }

        var label: String? {
            switch self {
            case .motion: nil
            case .object(let label), .track(_, let label): label
            }
        }

        var trackingID: String? {
            guard case .track(let id, _) = self else { return nil }
            return id
        }
    }

    /// How well something is seen, and where.
    struct Appearance: Hashable, Sendable {
        var score: Double
        var box: PictureBox?
    }

    var source: Source
    /// What the step looks for: of everything else it knows nothing.
    var lookedFor: Set<EventKind>
    /// What it sees of that.
    var seen: [Subject: Appearance]
    /// What it does not see at the moment, and has not given up.
    var awaited: Set<Subject> = []
}
