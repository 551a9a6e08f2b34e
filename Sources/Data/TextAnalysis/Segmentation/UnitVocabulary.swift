/// The characters that a segmenter knows, and how texts become units of them.
struct UnitVocabulary: Sendable {
  /// The code points of the units from `TextUnit.firstCharacter` on, normalised.
  let characters: [UInt16]
  /// Characters that only traditional texts have, and their simplified forms.
  let traditional: [UInt32: UInt32]
  /// For each code point of the basic plane its unit or class, see `UnitScanner`.
  let table: FixedBuffer<UInt16>
  /// For each unit its group.
  let groups: FixedBuffer<UInt8>

  /// How many units there are with those below the characters.
  var unitCount: Int { Int(TextUnit.firstCharacter) + characters.count }

  /// A vocabulary of these normalised characters; those that only traditional texts have are read as their simplified form.
  init(characters: [UInt16], traditional: [UInt32: UInt32]) {
    self.characters = characters
    self.traditional = traditional
    var units: [UInt32: UInt16] = [:]
    for (index, character) in characters.enumerated() {
      units[UInt32(character)] = TextUnit.firstCharacter + UInt16(index)
    }
    table = FixedBuffer(count: 1 << 16) { memory in
      for code in UInt32(0)..<1 << 16 {
        var unit = TextUnit.scanClass(code)
        if unit >= 8 {
          let known = units[TextUnit.normalized(code)]
          unit = known ?? unit
          if known == nil, let simplified = traditional[code] {
            unit = (units[simplified] ?? TextUnit.unknownHan) | UnitScanner.traditionalMark
          }
        }
        memory[Int(code)] = unit
      }
    }
    let total = Int(TextUnit.firstCharacter) + characters.count
    groups = FixedBuffer(count: total) { memory in
      for unit in 0..<total {
        memory[unit] =
          unit < Int(TextUnit.firstCharacter)
          ? TextUnit.group(ofUnit: UInt16(unit)).rawValue
          : TextUnit.group(ofCode: UInt32(characters[unit - Int(TextUnit.firstCharacter)])).rawValue
      }
    }
  }

  /// The units of a word, nil unless each of its characters is one unit of the vocabulary.
  func units(of word: String) -> [UInt16]? {
    var units: [UInt16] = []
    for scalar in word.unicodeScalars {
      guard scalar.value < 0x10000 else { return nil }
      let unit = table.base[Int(scalar.value)]
      guard unit >= TextUnit.firstCharacter, unit < UnitScanner.traditionalMark else { return nil }
      units.append(unit)
    }
    return units
  }
}
