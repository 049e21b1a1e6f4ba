/// The most that a session description may hold; real ones stay far below.
enum SDPLimits {
    static let byteCount = 65_536
    static let lineCount = 2000
    static let mediaCount = 64
    static let formatParameterCount = 64
}
