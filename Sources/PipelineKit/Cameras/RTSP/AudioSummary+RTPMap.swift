import StreamModel
import StreamProtocols

extension AudioSummary {
    /// Named as libav names it, which is who else tells of a camera's sound.
    init(_ map: SDPRTPMap) {
        let codec =
            switch map.encodingName.lowercased() {
            case "pcmu": "pcm_mulaw"
            case "pcma": "pcm_alaw"
            case "mpeg4-generic", "mp4a-latm": "aac"
            case "mpa": "mp2"
            case "g722": "adpcm_g722"
            case let name where name.hasPrefix("g726"): "adpcm_g726"
            case "l16": "pcm_s16be"
            case let name: name
            }
        self.init(codec: codec, sampleRate: Int(map.clockRate), channels: map.channels ?? 1)
    }
}
