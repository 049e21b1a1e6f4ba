/// The playlist of playlists, a Master Playlist in RFC 8216 §4.3.4: it tells a player what each variant needs before
/// the player opens one.
public struct MultivariantPlaylist: Sendable, Equatable {
    /// EXT-X-VERSION, that of the highest media playlist.
    public var version: Int
    /// EXT-X-INDEPENDENT-SEGMENTS for all variants.
    public var hasIndependentSegments: Bool
    public var variants: [VariantStream]

    public init(version: Int = 3, hasIndependentSegments: Bool = true, variants: [VariantStream]) {
        self.version = version
        self.hasIndependentSegments = hasIndependentSegments
        self.variants = variants
    }

    /// The playlist as served, UTF-8 with LF line ends.
    public func rendered() -> String {
        var text = "#EXTM3U\n#EXT-X-VERSION:\(version)\n"
        if hasIndependentSegments { text += "#EXT-X-INDEPENDENT-SEGMENTS\n" }
        for variant in variants {
            text += "#EXT-X-STREAM-INF:\(variant.attributes.rendered)\n\(HLSPlaylistText.uriLine(variant.uri))\n"
        }
        return text
    }
}

/// EXT-X-STREAM-INF: one rendition that can be played by itself (RFC 8216 §4.3.4.2).
public struct VariantStream: Sendable, Equatable {
    /// The variant's media playlist, relative to the multivariant playlist.
    public var uri: String
    /// BANDWIDTH: the highest bit rate of any segment, in bits per second. Required by the standard.
    public var peakBitsPerSecond: Int
    /// AVERAGE-BANDWIDTH in bits per second.
    public var averageBitsPerSecond: Int?
    /// CODECS, each as RFC 6381 writes it: `avc1.42c01f`.
    public var codecs: [String]
    /// RESOLUTION in pixels.
    public var resolution: Resolution?
    /// FRAME-RATE in frames per 1000 seconds; the tag has three decimals.
    public var framesPerThousandSeconds: Int?

    /// A picture size in pixels.
    public struct Resolution: Sendable, Equatable {
        public var width: Int
        public var height: Int

        public init(width: Int, height: Int) {
            self.width = width
            self.height = height
        }
    }

    public init(
        uri: String,
        peakBitsPerSecond: Int,
        averageBitsPerSecond: Int? = nil,
        codecs: [String] = [],
        resolution: Resolution? = nil,
        framesPerThousandSeconds: Int? = nil
    ) {
        self.uri = uri
        self.peakBitsPerSecond = peakBitsPerSecond
        self.averageBitsPerSecond = averageBitsPerSecond
        self.codecs = codecs
        self.resolution = resolution
        self.framesPerThousandSeconds = framesPerThousandSeconds
    }

    var attributes: HLSAttributeList {
        var list = HLSAttributeList()
        list.add("BANDWIDTH", integer: peakBitsPerSecond)
        if let averageBitsPerSecond { list.add("AVERAGE-BANDWIDTH", integer: averageBitsPerSecond) }
        if !codecs.isEmpty { list.add("CODECS", quoted: codecs.joined(separator: ",")) }
        if let resolution { list.add("RESOLUTION", resolution: (resolution.width, resolution.height)) }
        if let framesPerThousandSeconds { list.add("FRAME-RATE", thousandths: framesPerThousandSeconds) }
        return list
    }
}
