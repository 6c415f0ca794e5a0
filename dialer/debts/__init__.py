"""What becomes of debts: the creditor's files, promises, payments, cards, holds, and the return file."""
