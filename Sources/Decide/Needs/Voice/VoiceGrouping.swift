import Foundation
import MathKernels
import TextAnalysis

/// Vectors of sentences, and of the sentences that decisions name.
struct VoiceSpace: Sendable {
  /// One row of unit length for each sentence.
  let rows: Matrix<Float>
  /// The centre of each decided need, of unit length; zeros when it has no sentence with words.
  let centres: Matrix<Float>
  /// How sentences were compared.
  let comparedBy: VoiceBoard.Comparison
  /// How rare each word is, where sentences are compared by words.
  let statistics: TermStatisticsModel?

  private static let hashedColumns = 256

  init(_ sentences: [VoiceSentence], _ decided: [DecidedNeed], _ tools: VoiceTools, least: Int) throws {
    let texts = sentences.map(\.quote.text)
    // A need of many sentences is known well enough by a hundred of them.
    let named = decided.map { $0.members.prefix(100).map(\.text) }
    let namedRows: Matrix<Float>
    if let embedder = tools.embedder {
      rows = SphericalKMeans.normalized(try embedder.vectors(of: texts))
      namedRows = SphericalKMeans.normalized(try embedder.vectors(of: named.flatMap { $0 }))
      (comparedBy, statistics) = (.meaning, nil)
    } else {
      let terms = sentences.map(\.terms)
      // A word of fewer sentences than a need has customers cannot make a need.
      statistics = try? TermStatistics(configuration: .init(leastDocuments: least)).fit(terms)
      rows = Self.hashed(terms, statistics)
      namedRows = Self.hashed(
        named.joined().map { EvaluativeWords.content(of: tools.terms.terms(of: $0)) }, statistics)
      comparedBy = .words
    }
    var sums = Matrix<Float>(rows: decided.count, columns: namedRows.columns)
    var row = 0
    for (need, texts) in named.enumerated() {
      for _ in texts {
        for column in 0..<namedRows.columns { sums[need, column] += namedRows[row, column] }
        row += 1
      }
    }
    centres = SphericalKMeans.normalized(sums)
  }

  /// Vectors whose cosines follow the words that sentences share: each term is eight signs at hashed places, weighed by its
  /// rarity. A sparse random projection, Li, Hastie and Church (2006), https://doi.org/10.1145/1150402.1150436.
  static func hashed(_ documents: [[String]], _ statistics: TermStatisticsModel?) -> Matrix<Float> {
    var result = Matrix<Float>(rows: documents.count, columns: hashedColumns)
    for (row, terms) in documents.enumerated() {
      for term in Set(terms).sorted() {
        guard let statistics, statistics.index(of: term) != nil else { continue }
        let weight = Float(statistics.inverseDocumentFrequency(of: term).squareRoot())
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in term.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        var random = RandomSource(seed: hash)
        for _ in 0..<8 {
          let column = random.index(below: hashedColumns)
          result[row, column] += random.next() & 1 == 0 ? weight : -weight
        }
      }
    }
    return SphericalKMeans.normalized(result)
  }
}

/// A group of sentences that is, or may be, one need.
struct VoiceGroup: Sendable {
  var needID: String
  /// The name a person gave it.
  var label: String?
  var status: DecidedNeed.Status?
  /// The words that tell it from others, best first.
  var words: [String] = []
  /// Sentences that show it.
  var quotes: [Int] = []
  /// Sentences that state it.
  var statements: [Int]
  /// Sentences that speak well of it.
  var praises: [Int]
  var similarities: [Int: Float]
  /// What a person placed there, whether or not it is among today's texts.
  var placed: [AnalystDecision.Member]
}

/// Puts sentences into groups: where people placed them, then where they belong by likeness, then new ones.
struct VoiceGrouping: Sendable {
  var configuration: VoiceOfCustomer.Configuration
  var space: VoiceSpace
  var decided: [DecidedNeed]
  var previous: VoiceModel?

  /// The groups, each with its centre.
  func groups(
    _ sentences: [VoiceSentence], seed: UInt64
  ) throws -> (groups: [VoiceGroup], centres: Matrix<Float>) {
    var groups = decided.map {
      VoiceGroup(
        needID: $0.needID, label: $0.label, status: $0.status, statements: [], praises: [], similarities: [:],
        placed: $0.members)
    }
    var open: [Int] = []
    placeDecided(sentences, &groups, &open)
    let free = open.filter { sentences[$0].isStatement }
    let fresh = try fresh(free, sentences, seed: seed)
    let centres = joined(space.centres, fresh.centres)
    groups += fresh.groups
    praise(open.filter { !sentences[$0].isStatement }, centres, &groups)
    return (groups, centres)
  }

  private func placeDecided(_ sentences: [VoiceSentence], _ groups: inout [VoiceGroup], _ open: inout [Int]) {
    var owner: [StatementKey: Int] = [:]
    for (index, need) in decided.enumerated() { for member in need.members { owner[member.key] = index } }
    let cosines =
      decided.isEmpty ? nil : space.rows.multiplied(by: space.centres, transposingOther: true)
    for index in sentences.indices {
      var place = owner[sentences[index].quote.key]
      if place == nil, sentences[index].isStatement, let cosines {
        let best = decided.indices.max { (cosines[index, $0], $1) < (cosines[index, $1], $0) } ?? 0
        if Double(cosines[index, best]) >= configuration.joinSimilarity { place = best }
      }
      guard let place else {
        open.append(index)
        continue
      }
      // What a person placed there states the need, whatever it looks like.
      groups[place].statements.append(index)
      groups[place].similarities[index] = cosines?[index, place] ?? 0
    }
  }

  private func fresh(
    _ free: [Int], _ sentences: [VoiceSentence], seed: UInt64
  ) throws -> (groups: [VoiceGroup], centres: Matrix<Float>) {
    let columns = space.rows.columns
    guard free.count >= max(2, configuration.leastCustomers) else {
      return ([], Matrix(rows: 0, columns: columns))
    }
    let least = max(
      configuration.leastCustomers, Int(configuration.leastShare * Double(Self.holders(sentences).count)))
    let limit = configuration.groups ?? min(60, max(2, Int(Double(free.count).squareRoot())))
    let found =
      try space.comparedBy == .meaning
      ? byMeaning(free, limit, seed: seed) : byWords(free, limit, least, sentences)
    let clusters = sameNamed(found, free, sentences)
    var groups: [VoiceGroup] = []
    var centres: [Float] = []
    for members in clusters {
      let quotes = members.map { sentences[free[$0]].quote }
      guard Self.holders(members.map { sentences[free[$0]] }).count >= max(1, least) else { continue }
      let centre = mean(members.map { free[$0] })
      groups.append(
        VoiceGroup(
          needID: VoiceIdentity.id(of: quotes.map(\.key)), label: nil, status: nil,
          statements: members.map { free[$0] },
          praises: [], similarities: similarities(members.map { free[$0] }, centre), placed: []))
      centres.append(contentsOf: centre.elements)
    }
    keepIDs(&groups, sentences)
    return (groups, Matrix(rows: groups.count, columns: columns, centres))
  }

  private static func holders(_ sentences: [VoiceSentence]) -> Set<String> {
    Set(sentences.map(\.holder))
  }

  private func byMeaning(_ free: [Int], _ count: Int, seed: UInt64) throws -> [[Int]] {
    let vectors = Matrix(rows: free.count, columns: space.rows.columns, free.flatMap { space.rows.row($0) })
    let found = try SphericalKMeans(configuration: .init(clusters: count, epochs: 50, starts: 4))
      .cluster(vectors, seed: seed)
    return (0..<found.centres.rows).map { cluster in
      free.indices.filter {
        found.assignments[$0] == cluster && Double(found.similarities[$0]) >= configuration.leastSimilarity
      }
    }.filter { !$0.isEmpty }
  }

  /// Groups by the word that says most of what a sentence is about: neither in nearly all sentences nor in few, df · idf³.
  /// The simplest case of clustering by frequent terms, Beil, Ester and Xu (2002), https://doi.org/10.1145/775047.775110;
  /// k-means finds little in sentences of a few words.
  private func byWords(_ free: [Int], _ count: Int, _ least: Int, _ sentences: [VoiceSentence]) -> [[Int]] {
    var counts: [String: Int] = [:]
    for index in free { for term in Set(sentences[index].terms) { counts[term, default: 0] += 1 } }
    let weights = counts.filter { $0.value >= least }.mapValues { frequency in
      Double(frequency) * pow(log(Double(free.count + 1) / Double(frequency)), 3)
    }
    var groups: [String: [Int]] = [:]
    for (place, index) in free.enumerated() {
      let known = Set(sentences[index].terms).filter { weights[$0] != nil }
      if let anchor = known.max(by: { (weights[$0] ?? 0, $1) < (weights[$1] ?? 0, $0) }) {
        groups[anchor, default: []].append(place)
      }
    }
    return groups.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }.prefix(count).map(\.value)
  }

  /// Joins clusters that would carry the same name: two of the three words that tell them from others.
  private func sameNamed(_ clusters: [[Int]], _ free: [Int], _ sentences: [VoiceSentence]) -> [[Int]] {
    let terms = clusters.map { $0.flatMap { sentences[free[$0]].terms } }
    let names = ClassTermWeights.best(of: terms, count: 3).map { Set($0.map(\.term)) }
    var joined: [(name: Set<String>, members: [Int])] = []
    for cluster in clusters.indices.sorted(by: { (clusters[$1].count, $0) < (clusters[$0].count, $1) }) {
      // The largest gives the name, so that names do not chain.
      if let same = joined.firstIndex(where: { $0.name.intersection(names[cluster]).count >= 2 }) {
        joined[same].members += clusters[cluster]
      } else {
        joined.append((names[cluster], clusters[cluster]))
      }
    }
    return joined.map { $0.members.sorted() }
  }

  /// The direction of the mean of sentences.
  private func mean(_ sentences: [Int]) -> Matrix<Float> {
    var sum = Matrix<Float>(rows: 1, columns: space.rows.columns)
    for sentence in sentences {
      for (column, value) in space.rows.row(sentence).enumerated() { sum.elements[column] += value }
    }
    return SphericalKMeans.normalized(sum)
  }

  private func similarities(_ sentences: [Int], _ centre: Matrix<Float>) -> [Int: Float] {
    Dictionary(
      uniqueKeysWithValues: sentences.map { sentence in
        (sentence, zip(space.rows.row(sentence), centre.elements).reduce(0) { $0 + $1.0 * $1.1 })
      })
  }

  /// Gives groups the ids of those of the previous board that they share most sentences with, each id once.
  private func keepIDs(_ groups: inout [VoiceGroup], _ sentences: [VoiceSentence]) {
    let taken = Set(decided.map(\.needID))
    var holder: [StatementKey: Int] = [:]
    let earlier = (previous?.groups ?? []).filter { $0.isOpen && !taken.contains($0.needID) }
    for (index, need) in earlier.enumerated() { for key in need.statements { holder[key] = index } }
    var matches: [(overlap: Double, group: Int, need: Int)] = []
    for (group, members) in groups.map(\.statements).enumerated() {
      var shared: [Int: Int] = [:]
      for member in members {
        if let need = holder[sentences[member].quote.key] { shared[need, default: 0] += 1 }
      }
      for (need, count) in shared {
        // Later texts add sentences to either side: the smaller side tells whether it is the same need.
        let smaller = min(members.count, earlier[need].statements.count)
        matches.append((Double(count) / Double(max(1, smaller)), group, need))
      }
    }
    matches.sort { ($1.overlap, $0.group, $0.need) < ($0.overlap, $1.group, $1.need) }
    var (usedGroups, usedNeeds): (Set<Int>, Set<Int>) = ([], [])
    for match in matches where match.overlap >= 0.4 {
      guard !usedGroups.contains(match.group), usedNeeds.insert(match.need).inserted else { continue }
      usedGroups.insert(match.group)
      groups[match.group].needID = earlier[match.need].needID
    }
    // A new group must not carry an id that is already someone's.
    var ids = taken.union(usedNeeds.map { earlier[$0].needID })
    for group in groups.indices where !usedGroups.contains(group) {
      while !ids.insert(groups[group].needID).inserted {
        groups[group].needID = VoiceIdentity.id(of: [], salt: groups[group].needID)
      }
    }
  }

  /// Sentences of praise join the nearest group, when they are near enough.
  private func praise(_ sentences: [Int], _ centres: Matrix<Float>, _ groups: inout [VoiceGroup]) {
    guard centres.rows > 0, !sentences.isEmpty else { return }
    let rows = Matrix(
      rows: sentences.count, columns: space.rows.columns, sentences.flatMap { space.rows.row($0) })
    let cosines = rows.multiplied(by: centres, transposingOther: true)
    for (row, sentence) in sentences.enumerated() {
      let best = (0..<centres.rows).max { (cosines[row, $0], $1) < (cosines[row, $1], $0) } ?? 0
      guard Double(cosines[row, best]) >= configuration.leastSimilarity else { continue }
      groups[best].praises.append(sentence)
      groups[best].similarities[sentence] = cosines[row, best]
    }
  }

  private func joined(_ first: Matrix<Float>, _ second: Matrix<Float>) -> Matrix<Float> {
    Matrix(
      rows: first.rows + second.rows, columns: space.rows.columns,
      (first.rows > 0 ? first.elements : []) + second.elements)
  }
}
