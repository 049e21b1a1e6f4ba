/// An output together with the engine path that it is served on.
public struct ResolvedOutput: Hashable, Sendable {
    public var transmissionID: String
    public var outputID: String
    public var `protocol`: OutputProtocol
    public var enginePath: String
    public var encoding: Encoding
    public var audio: AudioSettings
    /// Whether its viewers see the JSON that travels with the pictures.
    public var metadata: Bool
    /// The credentials that the engine asks readers for; nil when the path is open.
    public var credentials: ReadCredentials?
    /// The path where those get H.264 who can't play it by WebRTC, should a camera's H.265 be passed on there. Where a codec is named, or what
    /// only our own encoder can send, there is nothing to pass on.
    public internal(set) var h264Path: String?

    /// `<transmission id>:<output id>`, which names an output across the API.
    public var key: String { "\(transmissionID):\(outputID)" }
}

/// User name and password of readers of a path.
public struct ReadCredentials: Hashable, Sendable {
    public var username: String
    public var password: Secret

    public init(username: String, password: Secret) {
        self.username = username
        self.password = password
    }

    /// The credentials that an output really asks for; nil when it is open.
    public init?(of authentication: OutputAuthentication?) {
        guard let authentication, authentication.isInForce, let username = authentication.username,
            let password = authentication.password
        else { return nil }
        self.init(username: username, password: password)
    }
}

extension Transmission {
    /// The enabled outputs with their engine paths (contract A.1, "Resolved engine path of an output"):
    /// 1. the output's own path, 2. the transmission's path when it is the only one, or when no enabled output has a path
    /// of its own and all have equal encodings, sound, metadata and credentials, 3. `{path}-{output id}`.
    ///
    /// Encodings are compared after limits are applied, so 60 and 120 fps are equal.
    public var resolvedOutputs: [ResolvedOutput] {
        let enabled = enabledOutputs
        let sharesPath =
            enabled.count <= 1
            || (enabled.allSatisfy { $0.directPath == nil }
                && Set(enabled.map { Encoding(of: $0) }).count == 1
                && Set(enabled.map(\.audio)).count == 1
                && Set(enabled.map(\.metadata)).count == 1
                && Set(enabled.map { ReadCredentials(of: $0.authentication) }).count == 1)
        let outputs = enabled.map { output in
            ResolvedOutput(
                transmissionID: id, outputID: output.id, protocol: output.protocol,
                enginePath: output.directPath
                    ?? (sharesPath ? path : Slug.make("\(path)-\(output.id)", fallback: path)),
                encoding: Encoding(of: output), audio: output.audio, metadata: output.metadata,
                credentials: ReadCredentials(of: output.authentication))
        }
        return outputs.namingH264Paths
    }

    /// Who may read each engine path; nil is everybody. When outputs disagree about one path, the first wins (contract A.1).
    public var readers: [String: ReadCredentials?] {
        servedOutputs.reduce(into: [:]) { readers, output in
            if readers[output.enginePath] == nil { readers.updateValue(output.credentials, forKey: output.enginePath) }
        }
    }

    /// The engine paths whose HLS is to be of low latency: those with an output by HLS that asks for less delay.
    public var lowLatencyPaths: Set<String> {
        Set(
            servedOutputs.filter { $0.protocol == .hls && $0.encoding.latencyProfile != .normal }.map(\.enginePath))
    }

    /// The engine paths whose HLS has a codec that players look for in fragmented MP4 alone. Of outputs that share a path, the first one
    /// decides about the codec.
    public var fragmentedPaths: Set<String> {
        let codecs = servedOutputs.reduce(into: [String: PictureCodec?]()) { codecs, output in
            if codecs[output.enginePath] == nil {
                codecs.updateValue(output.encoding.video.codec, forKey: output.enginePath)
            }
        }
        return Set(
            servedOutputs.filter { $0.protocol == .hls && (codecs[$0.enginePath] ?? nil)?.isInMPEGTS == false }
                .map(\.enginePath))
    }

    /// The engine paths on which a camera's H.265 may be passed on although some of their viewers come by WebRTC, each with its
    /// ``ResolvedOutput/h264Path``.
    ///
    /// - Parameter isCopyForced: whether viewers by HLS, who share a rendition with them, get a camera's H.265 as well.
    public func h264Paths(isCopyForced: Bool) -> [String: String] {
        let outputs = servedOutputs
        let watchedByHLS = Set(outputs.filter { $0.protocol == .hls }.map(\.encoding))
        var result: [String: String] = [:]
        for output in outputs.decidingPictures {
            guard isCopyForced || !watchedByHLS.contains(output.encoding),
                let watched = outputs.first(where: { $0.enginePath == output.enginePath && $0.h264Path != nil })
            else { continue }
            result[output.enginePath] = watched.h264Path
        }
        return result
    }

    /// The engine paths whose viewers see the JSON that travels with the pictures: those of which every output asks for it, so that
    /// nobody sees it who did not.
    public var metadataPaths: Set<String> {
        let outputs = servedOutputs
        return Set(outputs.filter(\.metadata).map(\.enginePath))
            .subtracting(outputs.filter { !$0.metadata }.map(\.enginePath))
    }

    /// ``resolvedOutputs``, or the output `default` that stands for a transmission without any enabled one.
    public var servedOutputs: [ResolvedOutput] {
        let resolved = resolvedOutputs
        guard resolved.isEmpty else { return resolved }
        return [
            ResolvedOutput(
                transmissionID: id, outputID: "default", protocol: .rtsp, enginePath: path,
                encoding: .standard, audio: .auto, metadata: false, credentials: nil)
        ]
    }
}

extension [ResolvedOutput] {
    /// Of outputs that share a path, the first one decides about the picture.
    var decidingPictures: [ResolvedOutput] {
        var seen: Set<String> = []
        return filter { seen.insert($0.enginePath).inserted }
    }

    /// With ``ResolvedOutput/h264Path`` of those by WebRTC.
    fileprivate var namingH264Paths: [ResolvedOutput] {
        let videos = Dictionary(uniqueKeysWithValues: decidingPictures.map { ($0.enginePath, $0.encoding.video) })
        return map { output in
            guard output.protocol == .webrtc, let video = videos[output.enginePath], video.codec == nil,
                !video.requiresEncoding
            else { return output }
            var output = output
            output.h264Path = PathName.h264(besides: output.enginePath)
            return output
        }
    }
}
