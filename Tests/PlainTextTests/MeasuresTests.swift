import PlainText
import Testing

struct MeasuresTests {
  @Test(arguments: [
    (0, "0 B"), (1023, "1023 B"), (1024, "1 KiB"), (1536, "1.5 KiB"), (1010 << 10, "1010 KiB"),
    (223_800_000, "213.4 MiB"), (1 << 30, "1 GiB"), (5 << 40, "5 TiB"),
  ])
  func `sizes are told in powers of 1024`(bytes: Int64, text: String) {
    #expect(Measures.size(bytes: bytes) == text)
  }
}
