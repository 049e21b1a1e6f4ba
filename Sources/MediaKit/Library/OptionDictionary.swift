internal import CLibAV

/// Options for libav, by name. What libav did not take is still inside afterwards.
@safe struct OptionDictionary: ~Copyable {
    private var pointer: OpaquePointer?

    init(_ options: KeyValuePairs<String, String>) {
        for (name, value) in options { set(name, value) }
    }

    deinit {
        var doomed = unsafe pointer
        unsafe av_dict_free(&doomed)
    }

    mutating func set(_ name: String, _ value: String) {
        unsafe av_dict_set(&pointer, name, value, 0)
    }

    /// Lends the dictionary to a call that takes out the options it knows.
    mutating func withPointer<R>(_ body: (UnsafeMutablePointer<OpaquePointer?>) -> R) -> R {
        unsafe body(&pointer)
    }

    /// The names that nothing took: a misspelt or removed option.
    var remainingNames: [String] {
        var names: [String] = []
        var entry: UnsafeMutablePointer<AVDictionaryEntry>?
        while let next = unsafe av_dict_get(pointer, "", entry, AV_DICT_IGNORE_SUFFIX) {
            unsafe names.append(String(cString: next.pointee.key))
            unsafe entry = unsafe next
        }
        return names
    }
}
