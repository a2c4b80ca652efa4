import type * as Ccxt from 'ccxt';

/**
 * ccxt's error classes without the rest of ccxt (400 ms and 80 MB for the whole package). `package.json`
 * of ccxt exports its root only, so the module is reached by URL; Node keys modules by URL, hence these
 * are the very classes that `import 'ccxt'` gives and `instanceof` holds across both ways (tested).
 */
type ErrorClasses = Pick<
  typeof Ccxt,
  | 'BaseError'
  | 'ExchangeError'
  | 'AuthenticationError'
  | 'PermissionDenied'
  | 'AccountNotEnabled'
  | 'AccountSuspended'
  | 'ArgumentsRequired'
  | 'BadRequest'
  | 'BadSymbol'
  | 'OperationRejected'
  | 'NoChange'
  | 'MarginModeAlreadySet'
  | 'MarketClosed'
  | 'ManualInteractionNeeded'
  | 'RestrictedLocation'
  | 'InsufficientFunds'
  | 'InvalidAddress'
  | 'AddressPending'
  | 'InvalidOrder'
  | 'OrderNotFound'
  | 'OrderNotCached'
  | 'OrderImmediatelyFillable'
  | 'OrderNotFillable'
  | 'DuplicateOrderId'
  | 'ContractUnavailable'
  | 'NotSupported'
  | 'InvalidProxySettings'
  | 'ExchangeClosedByUser'
  | 'OperationFailed'
  | 'NetworkError'
  | 'DDoSProtection'
  | 'RateLimitExceeded'
  | 'ExchangeNotAvailable'
  | 'OnMaintenance'
  | 'InvalidNonce'
  | 'ChecksumError'
  | 'RequestTimeout'
  | 'BadResponse'
  | 'NullResponse'
  | 'CancelPending'
  | 'UnsubscribeError'
>;
export type CcxtErrorName = keyof ErrorClasses;

const url = new URL('./src/base/errors.js', import.meta.resolve('ccxt'));

/** Every error class of ccxt by its name. */
export const ccxtErrors = (await import(url.href)) as ErrorClasses;

/** @public The classes by name; those not used here are for executors of one's own. */
export const {
  BaseError,
  ExchangeError,
  AuthenticationError,
  PermissionDenied,
  ArgumentsRequired,
  BadRequest,
  BadSymbol,
  OperationRejected,
  MarginModeAlreadySet,
  InsufficientFunds,
  InvalidOrder,
  OrderNotFound,
  OrderImmediatelyFillable,
  OrderNotFillable,
  DuplicateOrderId,
  NotSupported,
  OperationFailed,
  NetworkError,
  DDoSProtection,
  RateLimitExceeded,
  ExchangeNotAvailable,
  OnMaintenance,
  InvalidNonce,
  RequestTimeout,
  BadResponse,
  NullResponse,
} = ccxtErrors;
