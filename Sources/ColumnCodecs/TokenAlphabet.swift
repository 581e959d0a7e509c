// How a number is cut into a token, which is entropy-coded, and bits that are stored as they are.
//
// Numbers below 2^exact are tokens of their own. A larger one, of b bits, is told by b and by the
// `mantissa` bits below its leading one; the rest are its extra bits. (The "hybrid unsigned
// integers" of JPEG XL, ISO/IEC 18181-1, are of this form.)

struct TokenAlphabet: Equatable {
  /// Numbers below `1 << exact` are their own tokens. 0 to 8.
  let exact: Int
  /// How many bits below the leading one a token tells. 0 to 3, and at most `exact`.
  let mantissa: Int

  static let most = 256

  /// Of the bits `exact` and `mantissa`; nil when there is no such alphabet.
  init?(exact: Int, mantissa: Int) {
    guard (0...8).contains(exact), (0...3).contains(mantissa), mantissa <= exact else {
      return nil
    }
    self.exact = exact
    self.mantissa = mantissa
  }

  private init(_ exact: Int, _ mantissa: Int) {
    self.exact = exact
    self.mantissa = mantissa
  }

  /// What suits most columns: small numbers told apart, large ones to half an octave.
  static let usual = TokenAlphabet(4, 1)
  /// For columns of small numbers of which some are frequent.
  static let fine = TokenAlphabet(7, 0)
  /// For codes of a dictionary.
  static let symbols = TokenAlphabet(8, 0)

  /// How many tokens there are for numbers of 64 bits, in a table of at most 256.
  var count: Int { min(Self.most, 1 << exact + (64 - exact) << mantissa) }

  @inline(__always) func token(of number: UInt64) -> Int {
    let bits = 64 - number.leadingZeroBitCount
    guard bits > exact else { return Int(truncatingIfNeeded: number) }
    let top = Int(truncatingIfNeeded: number >> UInt64(bits - 1 - mantissa))
    return 1 << exact + (bits - 1 - exact) << mantissa + top & (1 << mantissa - 1)
  }

  /// How many extra bits `token` has.
  func extraBits(of token: Int) -> Int {
    token < 1 << exact ? 0 : exact - mantissa + (token - 1 << exact) >> mantissa
  }

  /// The least number with `token`.
  func base(of token: Int) -> UInt64 {
    guard token >= 1 << exact else { return UInt64(token) }
    let top = UInt64(1 << mantissa + (token - 1 << exact) & (1 << mantissa - 1))
    return top << UInt64(extraBits(of: token))
  }

  /// How many bits numbers with `token` have: what the contexts of a token go by.
  func level(of token: Int) -> Int { 64 - base(of: token).leadingZeroBitCount }
}
