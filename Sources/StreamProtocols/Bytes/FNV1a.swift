/// The hash FNV-1a of 32 bits (Fowler, Noll, Vo): spreads names evenly, and alike in each run, which Swift's own does not.
public enum FNV1a {
    public static func hash(_ bytes: some Sequence<UInt8>) -> UInt32 {
        // The product is one modulo 2³², as the hash is defined.
        bytes.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
    }
}
