/// The sub-profiles of H.264 that WebRTC negotiates (RFC 6184 §8.1, table 5), told from `profile-level-id`.
enum H264Profile {
    case constrainedBaseline, baseline, extended, main, constrainedHigh, high
    /// Ten bits, or more colour than 4:2:0.
    case other

    init(profileIDC: UInt8, constraintFlags: UInt8) {
        // The same profile may be written in several ways: by a larger one that keeps to the constraints of a smaller.
        switch (profileIDC, constraintFlags) {
        case (66, let flags) where flags & 0x40 != 0: self = .constrainedBaseline
        case (66, _): self = .baseline
        case (77, let flags) where flags & 0x80 != 0: self = .constrainedBaseline
        case (77, _): self = .main
        case (88, let flags) where flags & 0xC0 == 0xC0: self = .constrainedBaseline
        case (88, let flags) where flags & 0x80 != 0: self = .baseline
        case (88, _): self = .extended
        case (100, let flags) where flags & 0x0C == 0x0C: self = .constrainedHigh
        case (100, _): self = .high
        default: self = .other
        }
    }

    /// Reads the value of `profile-level-id`: six digits; nil when it is malformed.
    init?(profileLevelID: String) {
        guard let bytes = Hex.bytes(profileLevelID), bytes.count == 3 else { return nil }
        self.init(profileIDC: bytes[0], constraintFlags: bytes[1])
    }

    /// Those whose pictures a decoder of this profile decodes (H.264 §A.2), itself apart.
    private var included: [H264Profile] {
        switch self {
        case .constrainedBaseline, .other: []
        case .baseline, .main, .constrainedHigh: [.constrainedBaseline]
        case .extended: [.constrainedBaseline, .baseline]
        case .high: [.constrainedBaseline, .main, .constrainedHigh]
        }
    }

    /// How well a decoder of this profile suits pictures of another; 0 is best, nil not at all.
    ///
    /// - Parameter pictures: nil when nothing is known of them.
    func distance(to pictures: H264Profile?) -> Int? {
        guard let pictures else { return self == .other ? nil : 3 }
        if self == pictures { return 0 }
        if included.contains(pictures) { return 1 }
        // Browsers offer less than their decoders take: Firefox nothing but Constrained Baseline, for years. The decoders of
        // all of them know the tools of High in eight bits and 4:2:0.
        guard pictures != .other, self != .other else { return nil }
        return self == .high ? 2 : 3
    }
}
