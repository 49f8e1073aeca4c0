import type { Texts } from './english.js';

export const german: Texts = {
  hello: 'Guten Tag!',
  'hello.name': 'Guten Tag {name}!',
  regards: 'Mit freundlichen Grüßen',
  'link.fallback': 'Falls die Schaltfläche nicht funktioniert, kopieren Sie diese Adresse in Ihren Browser:',

  'table.product': 'Artikel',
  'table.amount': 'Betrag',
  'table.detail': '{quantity} zu je {price}',
  'table.line': '{quantity} x {product} zu je {price}: {amount}',
  'sum.subtotal': 'Zwischensumme',
  'sum.discount': 'Rabatt',
  'sum.tax': 'Umsatzsteuer',
  'sum.total': 'Gesamtbetrag',
  'sum.deposit': 'Anzahlung',

  'quote.subject': 'Angebot {number} von {from}',
  'quote.title': 'Angebot {number}',
  'quote.intro': 'Vielen Dank für Ihre Anfrage. Hier ist unser Angebot {number}, gültig bis {date}.',
  'quote.action': 'Angebot ansehen und beantworten',
  'quote.link': 'Das ganze Angebot können Sie hier ansehen, annehmen oder ablehnen',

  'order.subject': 'Auftrag {number} bei {from}',
  'order.title': 'Ihr Auftrag {number}',
  'order.intro': 'Vielen Dank für Ihren Auftrag. Wir haben ihn unter der Nummer {number} bestätigt.',
  'order.due': 'Er soll bis {date} fertig sein.',
  'order.deposit': 'Wir beginnen mit der Produktion, sobald die Anzahlung von {amount} eingegangen ist.',

  'link.until': 'Der Link gilt einmal, bis {moment}.',
  'unasked.ignore': 'Falls Sie nicht wissen, worum es geht, ignorieren Sie diese E-Mail einfach.',
  'unasked.password':
    'Falls Sie das nicht waren, ignorieren Sie diese E-Mail einfach: Ihr Passwort bleibt, wie es ist.',
  'unasked.email': 'Falls Sie nicht darum gebeten haben, ignorieren Sie diese E-Mail einfach: Es ändert sich nichts.',
  'unasked.tell': 'Falls Sie das nicht waren, sagen Sie es bitte sofort dem Administrator Ihrer Firma.',

  'invitation.subject': 'Einladung zu {tenant}',
  'invitation.text': 'Sie wurden eingeladen, mit {tenant} zu arbeiten.',
  'invitation.action': 'Einladung annehmen',
  'password_reset.subject': 'Ihr Passwort bei {tenant}',
  'password_reset.text': 'Jemand hat ein neues Passwort für Ihr Konto bei {tenant} angefordert.',
  'password_reset.action': 'Neues Passwort wählen',
  'email_change.subject': 'Bestätigen Sie Ihre E-Mail-Adresse bei {tenant}',
  'email_change.text': 'Diese Adresse soll die Adresse Ihres Kontos bei {tenant} werden.',
  'email_change.action': 'Adresse bestätigen',
  'email_changed.subject': 'Ihre E-Mail-Adresse bei {tenant} wurde geändert',
  'email_changed.text':
    'Die E-Mail-Adresse Ihres Kontos bei {tenant} ist jetzt eine andere. Diese hier wird nicht mehr verwendet.',
  'password_changed.subject': 'Ihr Passwort bei {tenant} wurde geändert',
  'password_changed.text': 'Das Passwort Ihres Kontos bei {tenant} wurde geändert.',
};
