import Foundation
import MathKernels
import Synchronization

/// Sentence vectors for sixteen languages, Chinese and English among them, that lie close when the meanings are close,
/// also across languages: the multilingual Universal Sentence Encoder, version 3.
///
/// ```swift
/// let encoder = try UniversalSentenceEncoder(folder: ".cache/data/use-multilingual")
/// let vectors = try encoder.vectors(of: ["送货很快", "The delivery was fast", "The soup was cold"])
/// let alike = zip(vectors.row(0), vectors.row(1)).reduce(0) { $0 + $1.0 * $1.1 }   // about 0.6; the soup: about 0.1
/// ```
/// The weights are read when the first vectors are asked for. A vector has 512 entries and unit length; it depends on its
/// sentence alone, so that sentences may be given one by one or all at once, from any thread.
///
/// Source: Yang et al. (2020), https://doi.org/10.18653/v1/2020.acl-demos.12; the convolutional variant, its table of
/// pieces in 8 bits. Pieces beyond `maximumPieces` of a text are left out, so that one text cannot fill the memory.
/// - Complexity: O(pieces); about 2 million additions and multiplications for a piece.
public final class UniversalSentenceEncoder: SentenceEmbedder {
  /// Where the encoder's two files are, `sp.model` and `weights.npz`.
  public let folder: String
  /// How many pieces (words or parts of words) of a text count.
  public let maximumPieces: Int
  /// The length of a vector: 512.
  public let dimensions = EncoderWeights.size

  private struct Parts: Sendable {
    let tokenizer: UnigramTokenizer
    let network: EncoderNetwork
  }
  private let parts = Mutex<Parts?>(nil)

  /// An encoder of the files in a folder, which `scripts/fetch-data use-multilingual` brings.
  ///
  /// - Throws: `TextError.missingFile` when a file is not there; a damaged one is found out when it is first used.
  public init(folder: String, maximumPieces: Int = 4096) throws {
    guard maximumPieces >= 3 else {
      throw TextError.invalidParameter(
        name: "maximumPieces", value: "\(maximumPieces)", expected: "at least 3")
    }
    for name in ["sp.model", "weights.npz"] {
      guard FileManager.default.isReadableFile(atPath: folder + "/" + name) else {
        throw TextError.missingFile(path: folder + "/" + name, hint: Self.hint)
      }
    }
    (self.folder, self.maximumPieces) = (folder, maximumPieces)
  }

  private static let hint = "scripts/fetch-data use-multilingual brings it"

  /// Reads the files now, so that the first sentence need not wait for them.
  public func load() throws { _ = try loaded() }

  private func loaded() throws -> Parts {
    try parts.withLock { parts in
      if let parts { return parts }
      let loaded = try read()
      parts = loaded
      return loaded
    }
  }

  /// Reads the two files, at the same time.
  private func read() throws -> Parts {
    let (pieces, numbers) = (folder + "/sp.model", folder + "/weights.npz")
    let halves = try parallelBlocks(2, blockSize: 1) { block -> (UnigramTokenizer?, EncoderWeights?) in
      if block.lowerBound == 0 { return (try UnigramTokenizer(path: pieces, hint: Self.hint), nil) }
      return (nil, try EncoderWeights(NumpyArchive(path: numbers, hint: Self.hint)))
    }
    guard let tokenizer = halves[0].0, let weights = halves[1].1, tokenizer.count <= weights.pieces else {
      throw TextError.damagedFile(path: numbers, reason: "it has fewer pieces than \(pieces)")
    }
    return Parts(tokenizer: tokenizer, network: EncoderNetwork(weights: weights))
  }

  /// One row of unit length for each sentence; an empty sentence has a row too. Uses all cores.
  public func vectors(of sentences: [String]) throws -> Matrix<Float> {
    guard !sentences.isEmpty else { return Matrix(rows: 0, columns: dimensions) }
    let parts = try loaded()
    let blocks = parallelBlocks(sentences.count, blockSize: 1024) { block in
      vectors(of: sentences[block], parts)
    }
    return Matrix(
      rows: sentences.count, columns: dimensions, blocks.count == 1 ? blocks[0] : blocks.flatMap { $0 })
  }

  /// The numbers of a sentence's pieces in the encoder's vocabulary, between those of start and end.
  public func pieces(of sentence: String) throws -> [Int] {
    try loaded().tokenizer.numbers(of: sentence).map(Int.init)
  }

  /// The vectors of one block, in runs of about eight thousand pieces so that memory stays small.
  private func vectors(of sentences: ArraySlice<String>, _ parts: Parts) -> [Float] {
    var (result, run, pieces) = ([Float](), [[Int32]](), 0)
    result.reserveCapacity(sentences.count * dimensions)
    for sentence in sentences {
      var numbers = parts.tokenizer.numbers(of: sentence)
      if numbers.count > maximumPieces {
        numbers = numbers.prefix(maximumPieces - 1) + [UnigramTokenizer.end]
      }
      if pieces + numbers.count > 8192, !run.isEmpty {
        result += parts.network.vectors(of: run)
        (run, pieces) = ([], 0)
      }
      run.append(numbers)
      pieces += numbers.count
    }
    return result + parts.network.vectors(of: run)
  }
}
