import Application
import ArgumentParser
import Commerce
import Foundation
import TextAnalysis

/// `lode text embed`: sentence vectors.
struct TextEmbed: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed",
    abstract: "Turn each text into a vector whose cosines say how alike texts are in meaning.",
    discussion: """
      512 numbers of a vector of unit length, separated by blanks, or with --json an array. Chinese and English texts \
      share one space. Needs scripts/fetch-data use-multilingual.
      """)

  @OptionGroup var options: TextOptions

  func run() async throws {
    let embedder = try options.textModels().embedder()
    let json = options.json
    try options.lines().answer { lines in
      let vectors = try embedder.vectors(of: lines)
      return lines.indices.map { row in
        let numbers = vectors.row(row)
        if json { return JSONValue(numbers.map { JSONValue(Double($0)) }).json }
        return numbers.map(\.description).joined(separator: " ")
      }
    }
  }
}
