/** What mails say, and what other languages have to say too: each text by its key, with what is filled in in braces. */
export const english = {
  hello: 'Hello,',
  'hello.name': 'Hello {name},',
  regards: 'Kind regards',
  'link.fallback': 'If the button does not work, copy this address into your browser:',

  'table.product': 'Product',
  'table.amount': 'Amount',
  'table.detail': '{quantity} at {price}',
  'table.line': '{quantity} x {product} at {price}: {amount}',
  'sum.subtotal': 'Subtotal',
  'sum.discount': 'Discount',
  'sum.tax': 'Tax',
  'sum.total': 'Total',
  'sum.deposit': 'Deposit due',

  'quote.subject': 'Quote {number} from {from}',
  'quote.title': 'Quote {number}',
  'quote.intro': 'Thank you for your enquiry. Here is our quote {number}, valid until {date}.',
  'quote.action': 'See and answer the quote',
  'quote.link': 'See the whole quote, and accept or reject it, here',

  'order.subject': 'Order {number} at {from}',
  'order.title': 'Your order {number}',
  'order.intro': 'Thank you for your order. We have confirmed it under the number {number}.',
  'order.due': 'We plan to have it ready by {date}.',
  'order.deposit': 'We begin with production once the deposit of {amount} has arrived.',

  'link.until': 'The link can be used once, until {moment}.',
  'unasked.ignore': 'If you do not know what this is about, you can ignore this mail.',
  'unasked.password': 'If it was not you, you can ignore this mail: your password stays as it is.',
  'unasked.email': 'If you did not ask for it, you can ignore this mail: nothing changes.',
  'unasked.tell': 'If you did not do this, tell the administrator of your company at once.',

  'invitation.subject': 'Invitation to {tenant}',
  'invitation.text': 'You have been invited to work with {tenant}.',
  'invitation.action': 'Accept the invitation',
  'password_reset.subject': 'Your password at {tenant}',
  'password_reset.text': 'Somebody asked for a new password for your account at {tenant}.',
  'password_reset.action': 'Choose a new password',
  'email_change.subject': 'Confirm your e-mail address at {tenant}',
  'email_change.text': 'This address is to become the one of your account at {tenant}.',
  'email_change.action': 'Confirm this address',
  'email_changed.subject': 'Your e-mail address at {tenant} was changed',
  'email_changed.text': 'The e-mail address of your account at {tenant} is a new one now. This one is no longer used.',
  'password_changed.subject': 'Your password at {tenant} was changed',
  'password_changed.text': 'The password of your account at {tenant} was changed.',
} as const;

export type TextKey = keyof typeof english;
export type Texts = Readonly<Record<TextKey, string>>;
