import StreamProtocols

/// What a client asks of the engine and the connection's state machine can't answer alone. One at a time.
enum RTSPOperation: Equatable {
    case describe(RTSPTarget)
    /// The description is read once the publisher is let in.
    case announce(RTSPTarget)
    /// A track of a path is set up for reading; the first one makes the session a reader of the path.
    ///
    /// - `otherwise`: how it travels when it can't go to a group, as the client offered too.
    case setUpPlay(RTSPTarget, track: Int, RTSPBinding, otherwise: RTSPBinding? = nil, isFirst: Bool)
    /// A track is set up for publishing.
    case setUpRecord(track: Int, RTSPBinding)
    case play
    case pause
    case record
    case teardown
}

/// How the packets of one track travel.
enum RTSPBinding: Equatable {
    case interleaved(RTSPTransport.ChannelPair)
    case datagrams(clientPort: RTSPTransport.PortPair)
    /// To a group that the server chooses.
    case multicast

    /// What all tracks of a session have in common.
    enum Kind {
        case interleaved, datagrams, multicast
    }

    var kind: Kind {
        switch self {
        case .interleaved: .interleaved
        case .datagrams: .datagrams
        case .multicast: .multicast
        }
    }
}

/// How an operation ended.
enum RTSPOutcome: Equatable {
    /// DESCRIBE: the description.
    case described(SessionDescription)
    /// ANNOUNCE: what is going to be published.
    case announced(SessionDescription)
    /// SETUP for reading by unicast: the track's SSRC.
    case setUp(ssrc: UInt32)
    /// SETUP for reading by multicast: where the stream goes.
    case setUpMulticast(MulticastPlace)
    /// PLAY: where each track begins, by its number.
    case playing([Int: RTPStart])
    case done
    /// - `challenges`: values of `WWW-Authenticate`.
    /// - `explanation`: a sentence for the user who reads the answer.
    case failed(RTSPStatus, challenges: [String] = [], explanation: String = "")

    struct RTPStart: Equatable {
        var sequenceNumber: UInt16
        var rtpTimestamp: UInt32
    }
}
