import MediaKit
import StreamModel
import StreamProtocols

extension StreamDestination {
    /// What is heard there. A track that would come and go with the camera's sound would cost the connection each time, and services
    /// for the public take nothing but AAC: so it is that, in stereo, with silence in its holes.
    var sound: PathSound {
        let settings: AudioSettings =
            switch (audio, silentAudio) {
            case (.off, false): .off
            case (.off, true): AudioSettings(.silence)
            case (.auto, true): AudioSettings(.aac, bitrateKbps: audioBitrateKbps, channelCount: 2)
            case (.auto, false): AudioSettings(.auto, bitrateKbps: audioBitrateKbps)
            }
        // As by HLS, without holes: AAC.
        return PathSound(settings, for: [.hls], leavesHoles: true)
    }

    /// Where libav sends it. Keys and passphrases are no part of the URL, which libav writes into its log.
    var output: OutputAddress {
        switch kind {
        case .rtmp, .rtmps:
            OutputAddress(
                url: address, container: .flv, options: rtmpOptions, host: host, description: publicAddress)
        case .srt:
            OutputAddress(
                url: srtMode == .listener && host == nil ? address.replacing("://:", with: "://0.0.0.0:") : address,
                container: .mpegts, options: srtOptions, host: srtMode == .caller ? host : nil,
                description: publicAddress)
        case .rtsp:
            OutputAddress(url: address, container: .rtsp, host: host, description: publicAddress)
        }
    }

    /// Whether there is no hurry: somebody is waited for.
    var waitsToBeCalled: Bool { kind == .srt && srtMode == .listener }

    /// All that libav must not write into its log.
    var secretTexts: [String] { [key, srtPassphrase, srtStreamID].compactMap { $0?.exposed } }

    private var rtmpOptions: [String: String] {
        var options = [
            "rtmp_live": "live", "protocol_whitelist": "rtmp,rtmps,tcp,tls",
            // Of TLS: whoever answers has to show that it is who was called.
            "tls_verify": "1",
        ]
        if let key, !key.isEmpty, let path {
            options["rtmp_app"] = path
            options["rtmp_playpath"] = key.exposed
        }
        return options
    }

    private var srtOptions: [String: String] {
        var options = [
            "mode": srtMode.rawValue, "protocol_whitelist": "srt",
            // libav counts microseconds.
            "latency": String(srtLatencyMilliseconds * 1000), "transtype": "live",
            // Of seven packets of MPEG-TS, which is what live SRT carries in one datagram.
            "pkt_size": "1316",
            // What is late is worth nothing, so nobody waits for it at the end.
            "linger": "0",
        ]
        if let srtPassphrase, !srtPassphrase.isEmpty { options["passphrase"] = srtPassphrase.exposed }
        if let srtStreamID, !srtStreamID.isEmpty { options["streamid"] = srtStreamID.exposed }
        return options
    }

    /// Without brackets, port and account; nil where there is none.
    private var host: String? {
        guard let scheme = address.firstRange(of: "://") else { return nil }
        let authority = address[scheme.upperBound...].prefix { !"/?#".contains($0) }
        let place = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        let host = place.hasPrefix("[") ? place.dropFirst().prefix { $0 != "]" } : place.prefix { $0 != ":" }
        return host.isEmpty ? nil : String(host)
    }

    /// What stands behind the host, without slashes around it.
    private var path: String? {
        guard let scheme = address.firstRange(of: "://") else { return nil }
        let path = address[scheme.upperBound...].drop { $0 != "/" }.split(separator: "/").joined(separator: "/")
        return path.isEmpty ? nil : path
    }
}

extension StreamDescription {
    /// What there is, for libav; nil before all of it is known.
    var outputTracks: [OutputTrack]? {
        let tracks = tracks.compactMap { $0.format.media.outputTrack }
        return tracks.count == self.tracks.count ? tracks : nil
    }

    /// Those of the picture, behind start codes.
    var pictureParameterSets: [UInt8]? { tracks.first { $0.version == nil }?.format.media.annexBParameterSets }
}

extension MediaFormat {
    fileprivate var outputTrack: OutputTrack? {
        guard let codec = videoCodec else { return decoderInfo.map(OutputTrack.sound) }
        guard let picture = pictureFormat else { return nil }
        return .pictures(
            codec: codec.libavName, width: picture.width, height: picture.height, extradata: annexBParameterSets)
    }

    /// Behind start codes.
    fileprivate var annexBParameterSets: [UInt8] { AnnexB.join(parameterSets.map { $0[...] }) }
}
