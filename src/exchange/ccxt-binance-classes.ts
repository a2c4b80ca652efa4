import type { CcxtErrorName } from './ccxt-errors.js';

/**
 * Which class ccxt 4.5.84 gives a code of Binance USD-M, complete: the table of linear contracts, then the
 * common one. Every other code becomes `ExchangeError`. A test compares it with the installed ccxt.
 */
export const BINANCE_CODES: Readonly<Partial<Record<CcxtErrorName, readonly number[]>>> = {
  AuthenticationError: [-1002, -1022, -1099, -1125, -2014, -2015, -4056, -4057],
  BadRequest: [
    -1013, -1016, -1020, -1023, -1100, -1101, -1102, -1103, -1104, -1105, -1106, -1110, -1111, -1113, -1114, -1115, -1116, -1117, -1118, -1119, -1120,
    -1122, -1127, -1128, -1130, -1136, -4001, -4002, -4003, -4004, -4005, -4006, -4007, -4008, -4009, -4010, -4011, -4012, -4013, -4014, -4015, -4016,
    -4017, -4018, -4020, -4021, -4022, -4023, -4024, -4025, -4026, -4027, -4028, -4029, -4030, -4031, -4033, -4044, -4049, -4053, -4055, -4058, -4060,
    -4062, -4063, -4064, -4065, -4066, -4069, -4070, -4071, -4073, -4075, -4079, -4081, -4082, -4084, -4085, -4086, -4104, -4114, -4115, -4135, -4137,
    -4138, -4139, -4140, -4165, -4167, -4168, -4183, -4184, -4210, -4211, -5028, -5037, -5038, -5039, -5040, -20124, -20130, -20132, -20194, -20195,
    -20196, -20204,
  ],
  BadSymbol: [-1108, -1121, -1126, -4144, -20121],
  InsufficientFunds: [-2018, -2019, -2024, -4050, -4051],
  InvalidNonce: [-1021],
  InvalidOrder: [-1014, -2010, -2022, -2026, -4000, -4116, -4136, -4164],
  OperationFailed: [-1000, -1001, -1006, -1008, -1010, -1112, -2012, -2020, -2023, -4078, -5041],
  OperationRejected: [
    -1004, -2016, -2025, -2027, -2028, -4019, -4032, -4045, -4046, -4047, -4048, -4052, -4054, -4059, -4061, -4067, -4068, -4072, -4074, -4076, -4077,
    -4083, -4117, -4118, -4131, -4141, -4169, -4170, -4171, -4172, -4208, -4209, -5024, -5025, -5026, -5027, -20198,
  ],
  OrderImmediatelyFillable: [-2021, -4142],
  OrderNotFillable: [-5021, -5022],
  OrderNotFound: [-2011, -2013],
  PermissionDenied: [-1005, -1011, -1109, -2017, -4080, -4087, -4088, -4192, -4202, -4203, -4205, -4206, -4400, -4401, -4402, -4403],
  RateLimitExceeded: [-1003, -1015],
  RequestTimeout: [-1007],
};

/** Texts that ccxt matches before the code; the error's message is then the text alone. */
export const BINANCE_TEXTS: Readonly<Partial<Record<CcxtErrorName, readonly string[]>>> = {
  AccountSuspended: ['This action is disabled on this account.'],
  AuthenticationError: ['API key does not exist'],
  BadRequest: ['Limit orders require GTC for this phase.', 'This order type is not possible in this trading phase.'],
  InsufficientFunds: ['Account has insufficient balance for requested action.'],
  MarketClosed: ['Market is closed.'],
  OnMaintenance: ['System is under maintenance.'],
  OperationFailed: ['System abnormality'],
  OperationRejected: ['This type of sub-account exceeds the maximum number limit'],
  OrderImmediatelyFillable: ['Order would trigger immediately.', 'Stop price would trigger immediately.', 'Order would immediately match and take.'],
  PermissionDenied: [
    'You are not authorized to execute this request.',
    'Rest API trading is not enabled.',
    'This account may not place or cancel orders.',
    "You don't have permission.",
    'This symbol is restricted for this account.',
    'This symbol is not permitted for this account.',
  ],
  RateLimitExceeded: ['Too many requests. Please try again later.'],
};
