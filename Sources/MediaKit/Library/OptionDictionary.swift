internal import CLibAV

/// Options for libav, by name. What libav did not take is still inside afterwards.
struct OptionDictionary: ~Copyable {
    private var pointer: OpaquePointer?

    init(_ options: KeyValuePairs<String, String>) {
        for (name, value) in options { set(name, value) }
    }

    deinit {
        var doomed = pointer
        av_dict_free(&doomed)
    }

    mutating func set(_ name: String, _ value: String) {
        av_dict_set(&pointer, name, value, 0)
    }

    /// Lends the dictionary to a call that takes out the options it knows.
    mutating func withPointer<R>(_ body: (UnsafeMutablePointer<OpaquePointer?>) -> R) -> R {
        body(&pointer)
    }

    /// The names that nothing took: a misspelt or removed option.
    var remainingNames: [String] {
        var names: [String] = []
        var entry: UnsafeMutablePointer<AVDictionaryEntry>?
        while let next = av_dict_get(pointer, "", entry, AV_DICT_IGNORE_SUFFIX) {
            names.append(String(cString: next.pointee.key))
            entry = next
        }
        return names
    }
}
