/// The address of a camera that Home Assistant has: `homeassistant:camera.front_door`.
public enum HomeAssistantAddress {
    public static let scheme = "homeassistant"
    private static let domain = "camera."
    private static let nameLimit = 200

    /// Such as `camera.front_door`; nil for every other address, and for one that names no entity of a camera.
    public static func entity(in address: String) -> String? {
        guard isOne(address) else { return nil }
        let entity = String(address.dropFirst(scheme.utf8.count + 1))
        return isEntity(entity) ? entity : nil
    }

    /// Whether an address is meant for Home Assistant, right or wrong.
    public static func isOne(_ address: String) -> Bool { address.hasPrefix(scheme + ":") }

    public static func isEntity(_ text: String) -> Bool {
        let name = text.utf8.dropFirst(domain.utf8.count)
        return text.hasPrefix(domain) && (1...nameLimit).contains(name.count)
            && name.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || $0 == UInt8(ascii: "_")
            }
    }
}
