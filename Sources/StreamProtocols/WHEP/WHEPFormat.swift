/// How one of a path's formats is sent to a viewer: by which payload type of the offer, with which parameters.
struct WHEPFormat: Equatable {
    var map: SDPRTPMap
    /// The answer's `fmtp` value; nil when there is nothing to say.
    var parameters: String?

    /// The best of a media section's payload types for a format; nil when there is none.
    ///
    /// - Parameter payloadTypes: in the viewer's order of preference.
    init?(_ format: MediaFormat, _ index: SDPFormatIndex, payloadTypes: [UInt8]) {
        /// The payload types of an encoding, with their parameters.
        func offered(_ name: String, channels: Int? = nil) -> [(map: SDPRTPMap, parameters: [String: String])] {
            payloadTypes.compactMap { payloadType in
                guard let map = index.maps[payloadType] ?? SDPRTPMap.fixed[payloadType],
                    map.encodingName.equalsIgnoringASCIICase(name), map.clockRate == format.clockRate,
                    channels == nil || (map.channels ?? 1) == channels
                else { return nil }
                return (map, index.parameters[payloadType] ?? [:])
            }
        }
        switch format {
        case .h264(let sets):
            guard let match = Self.h264(sets, offered(VideoCodec.h264.rawValue)) else { return nil }
            self = match
        case .h265(let sets):
            guard let match = Self.h265(sets, offered(VideoCodec.h265.rawValue)) else { return nil }
            self = match
        case .opus(let channelCount):
            // RFC 7587 §7: always with two channels in the map.
            guard channelCount <= 2, let match = offered("opus", channels: 2).first else { return nil }
            self = WHEPFormat(
                map: match.map,
                parameters: channelCount == 2
                    ? "minptime=10;sprop-stereo=1;stereo=1;useinbandfec=1" : "minptime=10;useinbandfec=1")
        case .g711(let law, _, let channelCount):
            guard let match = offered(law.rawValue, channels: channelCount).first else { return nil }
            self = WHEPFormat(map: match.map, parameters: nil)
        case .aac, .mp3, .generic: return nil
        }
    }

    private init(map: SDPRTPMap, parameters: String?) {
        self.map = map
        self.parameters = parameters
    }

    /// RFC 6184 §8.2.2: packetization-mode has to be ours. Levels are not compared: browsers offer 3.1 and decode far more, and
    /// with `level-asymmetry-allowed` what a sender sends is not bound by it.
    private static func h264(
        _ sets: H264ParameterSets?, _ offered: [(map: SDPRTPMap, parameters: [String: String])]
    ) -> WHEPFormat? {
        let own = sets?.profileLevelID
        let pictures = own.flatMap(H264Profile.init(profileLevelID:))
        var best: (distance: Int, format: WHEPFormat)?
        for (map, parameters) in offered where parameters["packetization-mode"] == "1" {
            // Firefox wants the parameter in an answer. Whoever offers none takes any; §8.1 says Baseline, and no one means it.
            let offeredID = parameters["profile-level-id"]
            let profile: H264Profile? =
                offeredID.map(H264Profile.init(profileLevelID:)) ?? pictures ?? .constrainedBaseline
            guard let distance = profile?.distance(to: pictures), distance < best?.distance ?? .max else { continue }
            let id = offeredID ?? own ?? "42e01f"
            best = (
                distance,
                WHEPFormat(
                    map: map,
                    parameters: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=\(id)")
            )
        }
        return best?.format
    }

    /// RFC 7798 §7.2.2: profile and tier have to be ours; Main is part of Main 10. A level that is named has to be that of the
    /// pictures at least: browsers name what their decoder takes, Chromium mostly 6.0. Safari names nothing, which would be 3.1, and
    /// decodes far more.
    private static func h265(
        _ sets: H265ParameterSets?, _ offered: [(map: SDPRTPMap, parameters: [String: String])]
    ) -> WHEPFormat? {
        let pictures = sets.flatMap { try? H265SPS($0.sps[...]) }?.profileTierLevel
        for (map, parameters) in offered {
            guard let offer = OfferedH265(parameters) else { continue }
            if let pictures {
                guard offer.profileID == pictures.profileIDC || (offer.profileID == 2 && pictures.profileIDC == 1),
                    offer.tier == 1 || !pictures.isHighTier, offer.highestLevelID >= pictures.levelIDC
                else { continue }
            }
            return WHEPFormat(map: map, parameters: offer.parameters)
        }
        return nil
    }
}
