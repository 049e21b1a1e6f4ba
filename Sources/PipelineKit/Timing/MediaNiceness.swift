/// How far the threads that take most of a computer step back where there is not enough for all.
enum MediaNiceness {
    /// What moves packets and answers requests needs little, and must not wait behind many decoders.
    static let decoding = 2
    /// Pictures can be left out one by one before they are encoded, and before they are decoded only a whole group at a time. No
    /// further: decoders would spend the time on pictures that then nobody could encode.
    static let encoding = 3
    /// What is found in pictures may come later; a camera that is not shown may not.
    static let looking = 4
}
