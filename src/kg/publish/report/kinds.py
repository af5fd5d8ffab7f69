"""What the readers' kinds of mistakes are called, whatever the value and the field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

KINDS: Final[Mapping[str, Mapping[str, str]]] = {
    "Reading": {"bg": "Файлът не може да се приеме така, както е написан", "en": "The file cannot be taken as it is"},
    "UnknownField": {"bg": "Непознато поле", "en": "Unknown field"},
    "FieldOfAnotherType": {"bg": "Полето не е за този тип запис", "en": "The field is not for this type of entry"},
    "FieldsExpected": {"bg": "Полето има свои полета", "en": "The field has fields of its own"},
    "MissingType": {"bg": "Липсва типът на записа", "en": "The entry has no type"},
    "UnknownType": {"bg": "Непознат тип", "en": "Unknown type"},
    "MissingId": {"bg": "Липсва идентификаторът на записа", "en": "The entry has no id"},
    "BadId": {"bg": "Идентификаторът не е по образеца", "en": "The id is not of the right form"},
    "DescribedTwice": {"bg": "Едно и също нещо е описано два пъти", "en": "One thing is described twice"},
    "UnknownCode": {"bg": "Стойността не е в списъка", "en": "The value is not in the list"},
    "UnknownReference": {"bg": "Няма запис с такова име", "en": "Nothing known is called so"},
    "AmbiguousReference": {"bg": "Името е на няколко записа", "en": "Several things are called so"},
    "UnknownLanguage": {"bg": "Непознат език", "en": "Unknown language"},
    "BadAddress": {"bg": "Адресът не е цял или не е уеб адрес", "en": "No whole web address"},
    "BadDate": {"bg": "Датата не може да се прочете", "en": "The date cannot be read"},
    "BadNumber": {"bg": "Числото не може да се прочете", "en": "The number cannot be read"},
    "BadTime": {"bg": "Часът не може да се прочете", "en": "The hour cannot be read"},
    "MixedLetters": {"bg": "Латински букви сред кирилицата", "en": "Latin letters among the Cyrillic"},
    "OtherGraph": {"bg": "Файлът е изнесен другаде", "en": "The file was exported elsewhere"},
    "NoHeadings": {"bg": "Няма ред със заглавия", "en": "There is no row of headings"},
    "MergedCells": {"bg": "Стойност в обединени клетки", "en": "A value in merged cells"},
    "SpanForOneDate": {"bg": "Период вместо една дата", "en": "A span in place of one date"},
    "FixedValue": {"bg": "Стойността не може да се промени от таблица", "en": "The value cannot be changed in a table"},
    "NoValue": {"bg": "В клетката няма стойност", "en": "The cell holds no value"},
    "ChangedSince": {"bg": "Променено е от друг след изнасянето", "en": "Others have changed it since the export"},
    "AnotherRow": {"bg": "Променено е кой е изнесеният ред", "en": "Which row was exported is changed"},
    "EmptiedId": {"bg": "Изтрит идентификатор на изнесен ред", "en": "The id of an exported row was emptied"},
    "NoSource": {"bg": "Няма такъв източник", "en": "There is no such source"},
    "TwoOfOne": {"bg": "Два файла с едни и същи записи", "en": "Two files with the same entries"},
    "Understood": {"bg": "Как е разбрано едно име", "en": "How a name was understood"},
    "LeftOut": {"bg": "Пропусната стойност", "en": "A value was left out"},
    "Disagreement": {"bg": "Източниците се разминават", "en": "The sources differ"},
    "Engine": {"bg": "С какво е проверено", "en": "What it was checked with"},
}
