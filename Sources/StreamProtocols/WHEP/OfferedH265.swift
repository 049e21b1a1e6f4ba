/// What an offer says of H.265 (RFC 7798 §7.1).
struct OfferedH265: Equatable {
    var profileID: UInt8
    var tier: UInt8
    var levelID: UInt8
    /// What its decoder takes: any level where none is named.
    var highestLevelID: UInt8

    /// nil for what can't be read, and for layers in streams of their own.
    init?(_ parameters: [String: String]) {
        // The defaults are Main, Main tier, level 3.1, all in one stream.
        func number(_ name: String, default value: UInt8) -> UInt8? {
            parameters[name].map { UInt8($0) } ?? value
        }
        guard let profileID = number("profile-id", default: 1), let tier = number("tier-flag", default: 0),
            let levelID = number("level-id", default: 93),
            let highestLevelID = number(
                "max-recv-level-id", default: parameters["level-id"] == nil ? .max : levelID),
            parameters["tx-mode"]?.equalsIgnoringASCIICase("SRST") ?? true
        else { return nil }
        self.profileID = profileID
        self.tier = tier
        self.levelID = levelID
        self.highestLevelID = max(levelID, highestLevelID)
    }

    /// As the answer's `fmtp` value has it.
    var parameters: String { "level-id=\(levelID);profile-id=\(profileID);tier-flag=\(tier);tx-mode=SRST" }
}
