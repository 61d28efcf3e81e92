"""The currencies: their codes (ISO 4217), signs, and words in our languages."""

ALL_CODES = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL
HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD
MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG
QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD
TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
CODES = frozenset(ALL_CODES.split())
THREE_DECIMALS = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))
"""Currencies whose smallest coin is a thousandth."""
ALL_SIGNS = """
€ EUR  $ USD  £ GBP  ¥ JPY  ₹ INR  ₽ RUB  ₩ KRW  ₺ TRY  ₴ UAH  ₫ VND  ₪ ILS  ₱ PHP  ฿ THB
US$ USD  A$ AUD  AU$ AUD  C$ CAD  CA$ CAD  NZ$ NZD  HK$ HKD  S$ SGD  MX$ MXN  R$ BRL  CN¥ CNY
"""
SIGNS = dict(zip(ALL_SIGNS.split()[::2], ALL_SIGNS.split()[1::2], strict=True))
"""A sign alone is the currency that most people mean by it: docs/decisions/words.md."""
WORDS = {
    **dict.fromkeys(("euro", "euros"), "EUR"),
    **dict.fromkeys(("dollar", "dollars", "dolar", "dolares"), "USD"),
    **dict.fromkeys(("pound", "pounds", "pfund"), "GBP"),
    **dict.fromkeys(("franken", "sfr", "fr"), "CHF"),
    "yen": "JPY",
}
"""Folded as tokens are. Words that several countries use for their own money ("peso", "livre") are left out."""
